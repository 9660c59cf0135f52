// The promised snippet and every one of the README, as they stand, against a real server.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { createXaighClient } from "@xaigh/sdk-js";
import { Webhook } from "standardwebhooks";
import { grantAccess, startServer } from "./support/server.js";
import { project, start } from "./support/snippets.js";

const PROMISED = `
  import { createXaighClient } from "@xaigh/sdk-js";
  const xaigh = createXaighClient({ baseUrl: "https://api.xaigh.com", apiKey: process.env.XAIGH_API_KEY });
  await xaigh.post("/v1/jobs/post", {
    employerUserId: "employer_123", title: "Warehouse closeout crew", slots: 12,
    startsAt: "2026-06-18T08:00:00.000Z"
  }, { idempotencyKey: "shift-plan-2026-06-18-a" });
`;
const README = await readFile(new URL("../README.md", import.meta.url), "utf8");
const BLOCKS = [...README.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code);
const RECEIVER = BLOCKS.find((code) => code.includes("verifyWebhook"));
const SECRET = `whsec_${Buffer.alloc(32, "w").toString("base64")}`;

let server;
let apiKey;

before(async () => {
  server = await startServer();
  const operator = createXaighClient({ baseUrl: server.baseUrl, apiKey: server.founder });
  ({ apiKey } = await grantAccess(operator));
});

after(() => server?.stop());

test("the promised snippet posts one job, however often it runs", async (t) => {
  const folder = await project(t);
  for (let run = 0; run < 2; run += 1) {
    const { done } = await start(t, folder, "promised.mjs", here(PROMISED), { XAIGH_API_KEY: apiKey });
    assert.deepEqual(await done, { code: 0, out: "" });
  }
  const xaigh = createXaighClient({ baseUrl: server.baseUrl, apiKey });
  const { jobs } = await xaigh.get("/v1/jobs");
  assert.deepEqual(jobs.map(({ jobContent }) => jobContent.slots), [12]);
});

test("the README's snippets run in their order", async (t) => {
  const folder = await project(t);
  const calls = BLOCKS.filter((code) => code !== RECEIVER);
  assert.equal(calls.length, 4);
  for (const [index, code] of calls.entries()) {
    const { done } = await start(t, folder, `readme-${index}.mjs`, here(code), { XAIGH_API_KEY: apiKey });
    const { code: exit, out } = await done;
    assert.equal(exit, 0, `${code}\n${out}`);
    assert.notEqual(out, "", code);
  }
});

test("the README's receiver takes what is signed and refuses what isn't", async (t) => {
  const folder = await project(t);
  const port = await freePort();
  const environ = { XAIGH_WEBHOOK_SECRET: SECRET, PORT: String(port) };
  // It tells when it listens, so that nothing has to be waited out.
  const code = `${RECEIVER}\nreceiver.on("listening", () => console.log("listening"));\n`;
  const { child, done } = await start(t, folder, "receiver.mjs", code, environ);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const body = JSON.stringify({ id: "evt_1", type: "job.created", timestamp: new Date(), data: {} });
  const now = new Date();
  const headers = {
    "webhook-id": "evt_1",
    "webhook-timestamp": String(Math.floor(now / 1000)),
    "webhook-signature": new Webhook(SECRET).sign("evt_1", now, body),
  };
  const post = (text) => fetch(`http://127.0.0.1:${port}`, { method: "POST", headers, body: text });
  assert.equal((await post(body)).status, 204);
  assert.equal((await post(`${body} `)).status, 400);
  child.kill();
  assert.match((await done).out, /job\.created/);
});

/** The code with the address of this server. */
function here(code) {
  assert.ok(code.includes("https://api.xaigh.com"));
  return code.replace("https://api.xaigh.com", server.baseUrl);
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
