"use strict";

// Swagger UI has a dark look of its own, which a class on the root switches on.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

// Ten services, closed, fit a phone's screen; all their methods fill thirty.
const isNarrow = window.matchMedia("(max-width: 640px)").matches;

window.SwaggerUIBundle({
  dom_id: "#reference",
  url: "openapi.json",
  deepLinking: true,
  docExpansion: isNarrow ? "none" : "list",
  filter: true,
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 3,
  defaultModelRendering: "model",
  // Secret keys are refused from browsers, so calls can't be tried from here.
  supportedSubmitMethods: [],
  validatorUrl: null,
  presets: [window.SwaggerUIBundle.presets.apis],
});
