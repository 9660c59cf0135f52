// The package itself: its types, its generated files, and what is published.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as sdk from "@xaigh/sdk-js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const text = (path) => readFile(new URL(path, new URL("../", import.meta.url)), "utf8");
const run = (command, args) => promisify(execFile)(command, args, { cwd: ROOT });

test("sources and types compile, and what must not compile doesn't", { timeout: 120_000 }, async () => {
  await run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "."]).catch(({ stdout }) => assert.fail(stdout));
});

test("src/generated is what the OpenAPI document says", async () => {
  const { stdout } = await run(process.execPath, ["tools/generate.js", "--check"]);
  assert.match(stdout, /up to date/);
});

test("the types declare exactly what the module exports", async () => {
  const declared = [...(await text("src/index.d.ts")).matchAll(/^export declare (?:class|function|const) (\w+)/gm)];
  assert.deepEqual(declared.map(([, name]) => name).sort(), Object.keys(sdk).sort());
});

test("every error code has a class, but those of the HTTP layer alone", async () => {
  const document = JSON.parse(await text("../../generated/openapi.json"));
  const { apiError } = await import("../src/errors.js");
  const { enum: codes } = document.components.schemas.ErrorBody.properties.code;
  const plain = codes.filter((code) => apiError({ code, message: "" }).constructor === sdk.ApiError);
  assert.deepEqual(plain.sort(), [
    "header_too_large",
    "length_required",
    "method_not_allowed",
    "not_acceptable",
    "payload_too_large",
    "request_timeout",
    "unsupported_media_type",
  ]);
});

test("it has no dependencies, the server's version, and publishes its sources and license alone", async () => {
  const manifest = JSON.parse(await text("package.json"));
  assert.equal(manifest.dependencies, undefined);
  assert.equal(manifest.version, sdk.VERSION);
  const { stdout } = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"]);
  const paths = JSON.parse(stdout)[0].files.map(({ path }) => path);
  const beside = paths.filter((path) => !path.startsWith("src/")).sort();
  assert.deepEqual(beside, ["LICENSE", "README.md", "package.json"]);
  for (const path of ["src/index.js", "src/index.d.ts", "src/generated/api.d.ts", "src/generated/keyed.js"]) {
    assert.ok(paths.includes(path), path);
  }
});

test("the lock names no registry, so that any can be used", async () => {
  assert.doesNotMatch(await text("package-lock.json"), /https?:|"resolved"/);
});
