// An operation of the OpenAPI document becomes a route: its parameters, request and reply as types.
import { comment, typeOf } from "./schema.js";

const NDJSON = "application/x-ndjson";
const JSON_TYPE = "application/json";
const VERBS = ["get", "post", "patch", "delete"];

/** Every operation as `{ verb, path, kind, operation }`, in the document's order. */
export function operations(document) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    VERBS.filter((verb) => item[verb]).map((verb) => {
      const operation = item[verb];
      return { verb, path, kind: kindOf(operation, verb), operation };
    }),
  );
}

/** True where the operation takes an Idempotency-Key. */
export function isKeyed({ operation }) {
  return operation.parameters.some(({ $ref }) => $ref?.includes("/IdempotencyKey"));
}

/** The interface of all routes of one kind: `Get`, `Post`, `Patch`, `Delete`, `Stream`, `Upload`. */
export function routesInterface(kind, all) {
  const routes = all.filter((each) => each.kind === kind).map(route);
  return `/** The routes of this kind, by their paths. */\nexport interface ${kind}Routes {\n${routes.join("")}}\n`;
}

function kindOf(operation, verb) {
  if (operation.requestBody?.content[NDJSON]) return "Upload";
  if (operation.responses["200"].content?.[NDJSON]) return "Stream";
  return verb[0].toUpperCase() + verb.slice(1);
}

function route({ path, operation }) {
  const members = [
    `path: ${parametersType(operation, "path")}`,
    `query: ${parametersType(operation, "query")}`,
    `body: ${bodyType(operation.requestBody)}`,
    `reply: ${replyType(operation.responses["200"])}`,
  ];
  const lines = members.map((member) => `    ${member};\n`).join("");
  return `${comment(operation.description, "  ")}  ${JSON.stringify(path)}: {\n${lines}  };\n`;
}

function parametersType(operation, place) {
  const found = operation.parameters.filter((parameter) => parameter.in === place);
  if (found.length === 0) return "{}";
  const properties = found.map(({ name, schema, description }) => [name, { ...schema, description }]);
  const required = found.filter((each) => each.required).map((each) => each.name);
  return typeOf({ type: "object", properties: Object.fromEntries(properties), required }, "    ");
}

function bodyType(body) {
  if (!body) return "undefined";
  return typeOf((body.content[NDJSON] ?? body.content[JSON_TYPE]).schema, "    ");
}

function replyType(response) {
  return typeOf((response.content[NDJSON] ?? response.content[JSON_TYPE]).schema, "    ");
}
