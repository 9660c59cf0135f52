// A real server: a process of its own on a temporary folder and free ports.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
export const PYTHON = process.env.XAIGH_PYTHON ?? join(ROOT, ".venv/bin/python");
const START_MS = 30_000;
const ENVIRON = {
  // Every test has the same peer, so what is limited by peer must not stand in the way here.
  XAIGH_PUBLIC_LIMIT_PER_MINUTE: "100000",
  XAIGH_BAD_CREDENTIAL_LIMIT_PER_MINUTE: "100000",
  XAIGH_DEFAULT_TIER: "enterprise",
};
const ASPECTS = [
  "DATA_CLASS",
  "EMPLOYER_AUTHORITY",
  "REQUESTED_SCOPES",
  "ROUTE_RISK",
  "INTEGRATION_READINESS",
];

/** Starts one and waits until it listens: `{ baseUrl, founder, stop }`. */
export async function startServer() {
  const folder = await mkdtemp(join(tmpdir(), "xaigh-js-"));
  const founder = join(folder, "founder");
  const flags = ["--data-dir", join(folder, "data"), "--founder-file", founder];
  flags.push("--rest", "127.0.0.1:0", "--grpc", "127.0.0.1:0");
  const child = spawn(PYTHON, ["-m", "xaigh_server", "serve", ...flags], {
    env: { ...process.env, ...ENVIRON },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const said = await untilListening(child);
  return {
    baseUrl: /REST {2}(http:\/\/\S+)/.exec(said)[1],
    founder: (await readFile(founder, "utf8")).trim(),
    async stop() {
      if (child.exitCode === null) {
        child.kill("SIGTERM");
        await new Promise((resolve) => child.once("exit", resolve));
      }
      await rm(folder, { recursive: true });
    },
  };
}

/** A form that can be submitted. */
export function requestForm(changed) {
  return {
    companyName: "Northline Warehousing",
    contactName: "Maya Patel",
    contactEmail: "maya@northline-warehousing.example",
    useCase: "Post closeout shifts.",
    requestedScopes: ["jobs:read", "jobs:write", "employer:read"],
    monthlyVolumeEstimate: 2500,
    callbackUrl: "https://hooks.northline-warehousing.example/xaigh",
    ...changed,
  };
}

/** Submits, reviews, approves, and issues one sandbox key, by the client of an operator. */
export async function grantAccess(operator, changed) {
  const form = requestForm({ environments: ["sandbox"], ...changed });
  const { ticketId } = await operator.post("/v1/developer/api-access/request", form);
  const path = { ticketId };
  const review = "/v1/admin/access-requests/{ticketId}";
  const { etag } = await operator.post(`${review}:startReview`, {}, { path });
  const approval = {
    environment: "sandbox",
    etag,
    employerUserIds: ["employer_123"],
    findings: ASPECTS.map((aspect) => ({ aspect, finding: "fine", note: "as seen" })),
  };
  const { grant } = await operator.post(`${review}:approve`, approval, { path });
  const issued = await operator.post("/v1/admin/keys", { grantId: grant.grantId, name: "test" });
  return { apiKey: issued.apiKey, keyId: issued.key.keyId, grantId: grant.grantId };
}

async function untilListening(child) {
  let said = "";
  const ended = new Promise((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`the server didn't start: ${said}`)), START_MS);
    timer.unref();
    child.once("exit", () => reject(new Error(`the server ended: ${said}`)));
    child.once("error", reject);
  });
  ended.catch(() => {});
  const listening = new Promise((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text) => {
      said += text;
      if (/^gRPC {2}.*\n/m.test(said)) resolve(said);
    });
  });
  return Promise.race([listening, ended]);
}
