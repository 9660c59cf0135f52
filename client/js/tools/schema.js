// A schema of the OpenAPI document becomes a TypeScript type.

const SIMPLE = { string: "string", boolean: "boolean", integer: "number", number: "number" };

/** The type that a schema describes, as one expression. Throws for a schema that it can't read. */
export function typeOf(schema, indent = "") {
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.type in SIMPLE) return SIMPLE[schema.type];
  if (schema.type === "array") return arrayOf(typeOf(schema.items, indent));
  if (schema.type === "object") return objectType(schema, indent);
  throw new Error(`no type for the schema ${JSON.stringify(schema)}`);
}

/** A named type with its documentation. */
export function declaration(name, schema) {
  const fields = schema.type === "object" && schema.properties;
  const shape = fields ? `interface ${name} ${typeOf(schema)}` : `type ${name} = ${typeOf(schema)};`;
  return `${comment(schema.description, "")}export ${shape}\n`;
}

/** The documentation comment of a declaration; empty where there is none. */
export function comment(text, indent) {
  if (!text) return "";
  const lines = text.replaceAll("*/", "*\\/").split("\n").map((line) => line.trimEnd());
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  const body = lines.map((line) => `${indent} *${line ? ` ${line}` : ""}\n`).join("");
  return `${indent}/**\n${body}${indent} */\n`;
}

function arrayOf(item) {
  return /^[\w"]+$/.test(item) ? `${item}[]` : `Array<${item}>`;
}

function objectType(schema, indent) {
  if (schema.properties) return membersType(schema, indent);
  const values = schema.additionalProperties;
  if (values === true) return "{ [member: string]: unknown }";
  return values ? `{ [member: string]: ${typeOf(values, indent)} }` : "Record<string, never>";
}

function membersType(schema, indent) {
  const inner = `${indent}  `;
  const required = new Set(schema.required);
  const members = Object.entries(schema.properties).map(([name, member]) => {
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
    const mark = required.has(name) ? "" : "?";
    return `${comment(member.description, inner)}${inner}${key}${mark}: ${typeOf(member, inner)};\n`;
  });
  const rest = schema.additionalProperties === true ? `${inner}[member: string]: unknown;\n` : "";
  return `{\n${members.join("")}${rest}${indent}}`;
}
