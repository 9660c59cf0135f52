// Each line below a mark must not compile; a mark without an error is an error itself.
import { ApiError, createXaighClient, verifyWebhook } from "@xaigh/sdk-js";

const xaigh = createXaighClient();
declare const jobId: string;
declare const anything: string;
const shift = { employerUserId: "e", title: "Crew", slots: 1, startsAt: "2027-01-01T00:00:00Z" };

// @ts-expect-error no such route
await xaigh.get("/v1/job");
// @ts-expect-error no such route under this method
await xaigh.get("/v1/jobs/ats/sync/now");
// @ts-expect-error no such route under this method
await xaigh.delete("/v1/jobs/post");
// @ts-expect-error no such verb
await xaigh.post(`/v1/jobs/${jobId}:open`);
// @ts-expect-error which route it is can't be known
await xaigh.get(anything);
// @ts-expect-error the path needs its parameter
await xaigh.get("/v1/jobs/{jobId}");
// @ts-expect-error another parameter
await xaigh.get("/v1/jobs/{jobId}", { path: { id: jobId } });
// @ts-expect-error a body is needed
await xaigh.post("/v1/jobs/post");
// @ts-expect-error a member is missing
await xaigh.post("/v1/jobs/post", { employerUserId: "e", title: "Crew", slots: 1 });
// @ts-expect-error a member of another type
await xaigh.post("/v1/jobs/post", { ...shift, slots: "12" });
// @ts-expect-error a member that doesn't exist
await xaigh.post("/v1/jobs/post", { ...shift, employer: "e" });
// @ts-expect-error 64-bit integers are strings
await xaigh.post("/v1/jobs/post", { ...shift, pay: { minMinor: 1850 } });
// @ts-expect-error a value that the enum doesn't have
await xaigh.get("/v1/jobs", { query: { source: "ELSEWHERE" } });
// @ts-expect-error a parameter that doesn't exist
await xaigh.get("/v1/jobs", { query: { limit: 5 } });
// @ts-expect-error a required parameter is missing
await xaigh.get("/v1/operations/jobs");
// @ts-expect-error reads take no idempotency key
await xaigh.get("/v1/jobs", { idempotencyKey: "a" });
// @ts-expect-error an option that doesn't exist
await xaigh.post("/v1/jobs/post", shift, { idempotency: "a" });
// @ts-expect-error not a list
xaigh.list("/v1/whoami");
// @ts-expect-error not a stream
xaigh.stream("/v1/jobs");
// @ts-expect-error streams aren't read by get
await xaigh.get("/v1/jobs:watch");
// @ts-expect-error a reply has no such member
(await xaigh.get(`/v1/jobs/${jobId}`)).title;
// @ts-expect-error the key's option has another name
createXaighClient({ key: "test_sk_" });
// @ts-expect-error a parsed body can't be verified
await verifyWebhook({ id: "evt_1" }, {}, "whsec_a");
// @ts-expect-error a code that the API doesn't have
(undefined as unknown as ApiError).code === "teapot";
