// Iteration over lists, by pages or by items.
import { ConfigurationError } from "./errors.js";

/**
 * @param {(pageToken: string | undefined) => Promise<any>} fetchPage
 * @param {string | undefined} pageToken where to begin
 * @returns {AsyncGenerator<any, void, void>}
 */
export async function* pages(fetchPage, pageToken) {
  let token = pageToken;
  do {
    const page = await fetchPage(token);
    yield page;
    token = page.nextPageToken;
  } while (token);
}

/**
 * The items of a page: its only member that is a list. An empty list is left out of a page.
 * @param {any} page
 * @returns {any[]}
 */
export function itemsOf(page) {
  const lists = Object.values(page).filter(Array.isArray);
  if (lists.length > 1) throw new ConfigurationError("the reply has several lists: use pages()");
  return lists[0] ?? [];
}
