// Draws /api/v1/openapi.json, and sends requests to try. Text is set as text throughout: nothing is parsed as HTML.

const document_ = await (await fetch("/api/v1/openapi.json")).json();

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

function resolve(schema) {
  if (!schema?.$ref) return schema ?? {};
  return schema.$ref.split("/").slice(1).reduce((at, name) => at[name], document_);
}

const limits = [
  ["minimum", (n) => `≥ ${n}`], ["maximum", (n) => `≤ ${n}`],
  ["minLength", (n) => `≥ ${n} characters`], ["maxLength", (n) => `≤ ${n} characters`],
  ["maxItems", (n) => `≤ ${n} items`], ["default", (value) => `else ${JSON.stringify(value)}`],
];

function typeOf(schema) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" | ");
  if (schema.type === "array") return `list of ${typeOf(schema.items ?? {})}`;
  return schema.format ?? schema.type ?? "anything";
}

function described(schema) {
  const [only, ...others] = (schema.anyOf ?? []).filter((one) => one.type !== "null");
  const all = only && !others.length ? { ...only, ...schema } : schema;
  const told = limits.filter(([name]) => all[name] != null && !(all[name] > 2 ** 53))
    .map(([name, say]) => say(all[name]));
  return [typeOf(schema), ...told].join(", ");
}

function example(schema, depth = 0) {
  const found = resolve(schema);
  if ("default" in found && found.default !== null) return found.default;
  if (found.enum) return found.enum[0];
  if ("const" in found) return found.const;
  if (found.anyOf) return example(found.anyOf[0], depth);
  if (found.type === "object" && depth < 4) {
    const wanted = new Set(found.required ?? []);
    const shown = Object.entries(found.properties ?? {}).filter(([name]) => depth === 0 || wanted.has(name));
    return Object.fromEntries(shown.map(([name, inner]) => [name, example(inner, depth + 1)]));
  }
  if (found.type === "array") return depth < 4 ? [example(found.items, depth + 1)] : [];
  if (found.format === "date-time") return "2026-01-31T12:00:00Z";
  return { integer: 1, number: 1.5, boolean: true, string: "text" }[found.type] ?? null;
}

function fields(schema) {
  const found = resolve(schema);
  const wanted = new Set(found.required ?? []);
  const rows = Object.entries(found.properties ?? {}).map(([name, inner]) => make("tr", {},
    make("td", { className: wanted.has(name) ? "needed" : "" }, name),
    make("td", { className: "type" }, described(inner)),
    make("td", {}, inner.description ?? resolve(inner).description ?? "")));
  return rows.length ? make("table", {}, make("tbody", {}, ...rows)) : make("p", { className: "type" }, typeOf(schema));
}

function parameterRow(parameter) {
  const isFile = parameter.schema.format === "binary";
  const input = make("input", { type: isFile ? "file" : "text", name: parameter.name, ariaLabel: parameter.name });
  input.dataset.place = parameter.in;
  return make("tr", {},
    make("td", { className: parameter.required ? "needed" : "" }, parameter.name),
    make("td", { className: "type" }, `${parameter.in}: ${described(parameter.schema)}`),
    make("td", {}, parameter.description ?? ""),
    make("td", {}, input));
}

// A form's fields are told as parameters are.
function formRows(schema) {
  return Object.entries(schema.properties).map(([name, inner]) =>
    parameterRow({ name, in: "form", schema: inner, required: schema.required?.includes(name), description: inner.description }));
}

function formOf(inside) {
  const inputs = [...inside.querySelectorAll("input[data-place=form]")];
  if (!inputs.length) return undefined;
  const form = new FormData();
  for (const input of inputs) {
    const value = input.type === "file" ? input.files[0] : input.value;
    if (value) form.append(input.name, value);
  }
  return form;
}

// JSON to be read, text as it is; of a file what it is.
async function toldOf(answer) {
  const type = answer.headers.get("Content-Type") ?? "";
  if (type.includes("json")) {
    const text = await answer.text();
    return text && JSON.stringify(JSON.parse(text), null, 2);
  }
  if (!type || type.startsWith("text/")) return answer.text();
  return `${type}, ${(await answer.blob()).size} bytes`;
}

async function send(method, path, inside, body) {
  const query = new URLSearchParams();
  const headers = {};
  let address = path;
  for (const input of inside.querySelectorAll("input[data-place]")) {
    if (input.dataset.place === "path") address = address.replace(`{${input.name}}`, encodeURIComponent(input.value));
    else if (input.value === "" || input.dataset.place === "form") continue;
    else if (input.dataset.place === "query") query.append(input.name, input.value);
    else headers[input.name] = input.value;
  }
  const key = document.getElementById("key").value.trim();
  if (key) headers.Authorization = `Bearer ${key}`;
  if (body) headers["Content-Type"] = "application/json";
  const asked = query.size ? `${address}?${query}` : address;
  const answer = await fetch(asked, { method: method.toUpperCase(), headers, body: formOf(inside) ?? body?.value });
  return `${answer.status} ${answer.statusText}\n\n${await toldOf(answer)}`;
}

function responsesOf(operation) {
  const [good] = Object.keys(operation.responses);
  const schema = operation.responses[good].content?.["application/json"]?.schema;
  const refused = Object.keys(operation.responses).filter((status) => status >= "400");
  return [make("h3", {}, `Answers ${good}`), schema ? fields(schema) : null,
    make("h3", {}, "Refusals"), make("p", { className: "type" }, `${refused.join(", ")}: a problem document`)];
}

function draw(method, path, operation) {
  const inside = make("div", { className: "inside" });
  const summary = make("summary", {}, make("span", { className: `method ${method}` }, method.toUpperCase()),
    make("span", { className: "path" }, path), make("span", { className: "says" }, operation.summary));
  const details = make("details", { id: operation.operationId }, summary, inside);
  details.dataset.words = `${method} ${path} ${operation.summary} ${operation.description}`.toLowerCase();
  details.addEventListener("toggle", () => { if (!inside.hasChildNodes()) fill(inside, method, path, operation); });
  return details;
}

function fill(inside, method, path, operation) {
  const content = operation.requestBody?.content ?? {};
  const schema = content["application/json"]?.schema;
  const form = content["multipart/form-data"]?.schema;
  const body = schema ? make("textarea", { spellcheck: false, ariaLabel: "Body" }) : null;
  if (body) body.value = JSON.stringify(example(schema), null, 2);
  const parameters = (operation.parameters ?? []).map(parameterRow);
  const result = make("pre", { hidden: true });
  const button = make("button", { type: "button" }, "Send");
  button.addEventListener("click", async () => {
    result.hidden = false;
    result.textContent = "…";
    result.textContent = await send(method, path, inside, body).catch((error) => `not sent: ${error.message}`);
  });
  inside.append(make("p", { className: "description" }, operation.description));
  if (parameters.length) inside.append(make("h3", {}, "Parameters"), make("table", {}, make("tbody", {}, ...parameters)));
  if (schema) inside.append(make("h3", {}, "Body"), fields(schema), body);
  if (form) inside.append(make("h3", {}, "Form"), make("table", {}, make("tbody", {}, ...formRows(form))));
  inside.append(...responsesOf(operation).filter(Boolean), button, result);
}

function drawAll() {
  const groups = new Map();
  for (const [path, operations] of Object.entries(document_.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const [tag] = operation.tags;
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(draw(method, path, operation));
    }
  }
  document.getElementById("about").textContent = `Version ${document_.info.version}. ${document_.info.description}`;
  for (const [tag, drawn] of groups) {
    const title = tag.replaceAll("_", " ");
    document.getElementById("contents").append(make("a", { href: `#${tag}` }, title));
    document.getElementById("operations").append(make("section", { id: tag }, make("h2", {}, title), ...drawn));
  }
}

drawAll();
document.getElementById("credentials").addEventListener("submit", (event) => event.preventDefault());
document.getElementById("find").addEventListener("input", (event) => {
  const wanted = event.target.value.trim().toLowerCase();
  for (const details of document.querySelectorAll("details")) details.hidden = !details.dataset.words.includes(wanted);
  for (const section of document.querySelectorAll("section")) {
    section.hidden = !section.querySelector("details:not([hidden])");
  }
});
