// Writes src/generated/ from generated/openapi.json: `npm run generate`.
// `--check` writes nothing and fails where the committed files differ.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { isKeyed, operations, routesInterface } from "./routes.js";
import { declaration } from "./schema.js";

const DOCUMENT = new URL("../../../generated/openapi.json", import.meta.url);
const FOLDER = new URL("../src/generated/", import.meta.url);
const KINDS = ["Get", "Post", "Patch", "Delete", "Stream", "Upload"];
const HEAD = "// Made from generated/openapi.json by `npm run generate`. Don't edit.\n";

/** The generated files: name to text. */
export function render(document) {
  const all = operations(document);
  const schemas = Object.entries(document.components.schemas);
  const types = [
    ...KINDS.map((kind) => routesInterface(kind, all)),
    ...schemas.map(([name, schema]) => declaration(name, schema)),
    webhookBody(document),
  ];
  return {
    "api.d.ts": `${HEAD}\n${types.join("\n")}`,
    "keyed.js": keyedModule(all),
    "version.js": `${HEAD}export const VERSION = ${JSON.stringify(document.info.version)};\n`,
  };
}

function webhookBody(document) {
  const names = Object.values(document.webhooks).map(({ post }) =>
    post.requestBody.content["application/json"].schema.$ref.split("/").pop(),
  );
  return `/** The body of a webhook, told apart by its type. */\nexport type WebhookBody =\n  | ${names.join("\n  | ")};\n`;
}

function keyedModule(all) {
  const keyed = all.filter(isKeyed).map(({ verb, path }) => `  "${verb.toUpperCase()} ${path}",\n`);
  return `${HEAD}
/** Writes that take an Idempotency-Key, so that a repeat of one does no harm. */
export const KEYED = [\n${keyed.join("")}];\n`;
}

async function main(check) {
  const files = Object.entries(render(JSON.parse(await readFile(DOCUMENT, "utf8"))));
  await mkdir(FOLDER, { recursive: true });
  const stale = [];
  for (const [name, text] of files) {
    const file = new URL(name, FOLDER);
    const old = await readFile(file, "utf8").catch(() => "");
    if (old === text) continue;
    stale.push(name);
    if (!check) await writeFile(file, text);
  }
  return report(stale, check);
}

function report(stale, check) {
  if (stale.length === 0) console.log("client/js/src/generated/ is up to date");
  else if (!check) console.log(stale.map((name) => `wrote ${name}`).join("\n"));
  else console.error(`client/js/src/generated/ differs, run \`make generate\`: ${stale.join(", ")}`);
  return check && stale.length > 0 ? 1 : 0;
}

if (fileURLToPath(import.meta.url) === process.argv[1]) {
  process.exitCode = await main(process.argv.includes("--check"));
}
