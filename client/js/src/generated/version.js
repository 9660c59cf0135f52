// Made from generated/openapi.json by `npm run generate`. Don't edit.
export const VERSION = "0.1.0";
