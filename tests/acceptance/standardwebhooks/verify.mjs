// Reads one JSON object a line: secret, body (base64), headers. Answers `ok` or what is wrong.
import { createInterface } from "node:readline";
import { Webhook } from "standardwebhooks";

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, body, headers } = JSON.parse(line);
  try {
    new Webhook(secret).verify(Buffer.from(body, "base64").toString("utf8"), headers);
    console.log("ok");
  } catch (error) {
    console.log(String(error.message));
  }
}
