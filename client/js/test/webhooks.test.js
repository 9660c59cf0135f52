// Verifying webhooks: against the server's own signer, and against another implementation.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { WebhookError, callbackSecret, verifyWebhook } from "@xaigh/sdk-js";
import { Webhook } from "standardwebhooks";
import { PYTHON } from "./support/server.js";

const SECRET = `whsec_${Buffer.alloc(32, "a").toString("base64")}`;
const OTHER = `whsec_${Buffer.alloc(32, "b").toString("base64")}`;
const NOW = 1_800_000_000;
const EVENT = {
  id: "evt_1",
  type: "job.created",
  timestamp: "2027-01-15T08:00:00Z",
  environment: "sandbox",
  organizationId: "org_1",
  data: { jobId: "job_1", title: "Zoë" },
};
const BODY = JSON.stringify(EVENT);

/** Headers that the other implementation signs. */
function signed(body = BODY, { secrets = [SECRET], id = "evt_1", at = NOW } = {}) {
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, new Date(at * 1000), body));
  return {
    "webhook-id": id,
    "webhook-timestamp": String(at),
    "webhook-signature": signatures.join(" "),
  };
}

test("what another implementation signs is an event", async () => {
  const event = await verifyWebhook(BODY, signed(), SECRET, { now: NOW });
  assert.deepEqual(event, { ...EVENT, timestamp: new Date(EVENT.timestamp) });
});

test("what the server signs is verified here and by another implementation", async () => {
  const secret = Buffer.alloc(32, "s");
  const program = [
    "import json, sys",
    "from datetime import UTC, datetime",
    "from types import SimpleNamespace as Some",
    "from xaigh_server.webhooks.signing import Signer",
    "class Box:",
    "    def open(self, sealed, owner): return sealed",
    "secrets = [b's' * 32, b'o' * 32]",
    "endpoint = Some(id='we_1', secrets=Some(signing=lambda now: secrets))",
    "headers = Signer(Box()).headers(endpoint, 'evt_1', sys.argv[1], datetime.now(UTC))",
    "print(json.dumps(headers))",
  ].join("\n");
  const headers = JSON.parse(execFileSync(PYTHON, ["-c", program, BODY], { encoding: "utf8" }));
  assert.equal(headers["webhook-signature"].split(" ").length, 2);
  for (const key of [secret, Buffer.alloc(32, "o")]) {
    const text = `whsec_${key.toString("base64")}`;
    assert.equal((await verifyWebhook(BODY, headers, text)).id, "evt_1");
    new Webhook(text).verify(BODY, headers);
  }
});

test("bodies may be text or bytes, headers those of fetch or of Node", async () => {
  const bytes = new TextEncoder().encode(BODY);
  const padded = Buffer.from(`xx${BODY}xx`).subarray(2, -2);
  for (const body of [BODY, bytes, bytes.buffer, padded]) {
    await verifyWebhook(body, new Headers(signed()), SECRET, { now: NOW });
  }
  const shouted = Object.entries(signed()).map(([name, value]) => [name.toUpperCase(), value]);
  await verifyWebhook(BODY, Object.fromEntries(shouted), SECRET, { now: NOW });
});

test("while a secret is rotated either one may be known, on both sides", async () => {
  const both = signed(BODY, { secrets: [OTHER, SECRET] });
  await verifyWebhook(BODY, both, SECRET, { now: NOW });
  await verifyWebhook(BODY, both, OTHER, { now: NOW });
  await verifyWebhook(BODY, signed(), [OTHER, SECRET], { now: NOW });
});

test("signatures of other versions are passed over", async () => {
  const headers = signed();
  headers["webhook-signature"] = `v1a,AAAA v1,!!! v2,AAAA ${headers["webhook-signature"]}`;
  await verifyWebhook(BODY, headers, SECRET, { now: NOW });
});

/** What is changed in a good webhook, and a word of the message. */
const REFUSED = [
  ["another body", { body: BODY.replace("job_1", "job_2") }, /signature/],
  ["the body written anew", { body: JSON.stringify(EVENT, null, 1) }, /signature/],
  ["a parsed body", { body: EVENT }, /raw body/],
  ["another secret", { secret: OTHER }, /signature/],
  ["no secret", { secret: undefined }, /whsec_/],
  ["an empty secret", { secret: "whsec_" }, /whsec_/],
  ["a list without a secret", { secret: [] }, /signature/],
  ["a secret that isn't base64", { secret: "whsec_!" }, /whsec_/],
  ["another id", { headers: { "webhook-id": "evt_2" } }, /signature/],
  ["another time", { headers: { "webhook-timestamp": String(NOW + 1) } }, /signature/],
  ["a time that is no number", { headers: { "webhook-timestamp": "1e9" } }, /number/],
  ["no time", { headers: { "webhook-timestamp": undefined } }, /missing/],
  ["no id", { headers: { "webhook-id": "" } }, /missing/],
  ["no signature", { headers: { "webhook-signature": undefined } }, /missing/],
  ["two signature headers", { headers: { "webhook-signature": ["v1,a", "v1,b"] } }, /missing/],
  ["a signature cut short", { headers: { "webhook-signature": signed()["webhook-signature"].slice(0, -8) } }, /signature/],
  ["an empty signature", { headers: { "webhook-signature": "v1," } }, /signature/],
  ["an unsigned version", { headers: { "webhook-signature": signed()["webhook-signature"].replace("v1,", "v0,") } }, /signature/],
  ["one second too old", { now: NOW + 301 }, /too old/],
  ["one second too new", { now: NOW - 301 }, /clock/],
  ["a tolerance that is no number", { tolerance: Number.NaN }, /clock/],
];

for (const [name, changed, message] of REFUSED) {
  test(`refused: ${name}`, async () => {
    const { body = BODY, headers, secret = SECRET, ...options } = changed;
    const call = verifyWebhook(
      body,
      { ...signed(), ...headers },
      "secret" in changed ? changed.secret : secret,
      { now: NOW, ...options },
    );
    await assert.rejects(call, (error) => error instanceof WebhookError && message.test(error.message));
  });
}

for (const body of ["[]", "{", "null", '{"id":"evt_1"}', '{"id":"evt_1","type":"a","timestamp":"soon"}']) {
  test(`a right signature over ${body} is still no event`, async () => {
    await assert.rejects(verifyWebhook(body, signed(body), SECRET, { now: NOW }), /no event/);
  });
}

test("an event under another id than the header's is refused", async () => {
  await assert.rejects(verifyWebhook(BODY, signed(BODY, { id: "evt_2" }), SECRET, { now: NOW }), /webhook-id/);
});

test("as old as the tolerance is fresh enough, and the tolerance can be set", async () => {
  await verifyWebhook(BODY, signed(), SECRET, { now: NOW + 300 });
  await verifyWebhook(BODY, signed(), SECRET, { now: NOW + 900, tolerance: 900 });
});

test("a callback's secret follows from the status token, as on the server", async () => {
  const program = [
    "import sys",
    "from xaigh_server.identity import webhook_secrets as s",
    "print(s.to_text(s.derive(s.callback_secret(sys.argv[1]), sys.argv[2])))",
  ].join("\n");
  const token = `xst_${"t".repeat(38)}`;
  const theirs = execFileSync(PYTHON, ["-c", program, token, "sandbox"], { encoding: "utf8" });
  assert.equal(await callbackSecret(token, "sandbox"), theirs.trim());
  await assert.rejects(callbackSecret(token, "SANDBOX"), /ticket, sandbox or production/);
});
