// Runs code as a reader would: in a file of their own, with the package installed beside it.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));

/** A folder in which `@xaigh/sdk-js` can be imported; it goes with the test. */
export async function project(test) {
  const folder = await mkdtemp(join(tmpdir(), "xaigh-snippets-"));
  await mkdir(join(folder, "node_modules/@xaigh"), { recursive: true });
  await symlink(PACKAGE, join(folder, "node_modules/@xaigh/sdk-js"), "dir");
  test.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** Starts the code; `done` is `{ code, out }` once it has ended. It is stopped with the test. */
export async function start(test, folder, name, source, environ) {
  const file = join(folder, name);
  await writeFile(file, source);
  const child = spawn(process.execPath, [file], { env: { ...process.env, ...environ } });
  test.after(() => child.kill());
  let out = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => (out += text));
  }
  const done = new Promise((resolve) => child.once("close", (code) => resolve({ code, out })));
  return { child, done };
}
