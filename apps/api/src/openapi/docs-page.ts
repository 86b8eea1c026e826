/**
 * The description of the API as a page: plain HTML, made here, so that it needs neither a script nor a network.
 */
import type { OpenApiDocument, OperationObject } from './document.js';
import type { JsonSchema } from './schema.js';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem; background: #8881; border-radius: 6px; }
details { border-bottom: 1px solid #8883; padding: .4rem 0; }
summary { cursor: pointer; }
summary b { display: inline-block; width: 4.5rem; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; }
nav a { margin-right: 1rem; }
`;

/** The whole page. */
export function docsPage(document: OpenApiDocument): string {
  const { title, version, description } = document.info;
  const sections = document.tags.map(({ name, description: about }) => {
    const operations = Object.entries(document.paths).flatMap(([path, verbs]) =>
      Object.entries(verbs)
        .filter(([, { tags }]) => tags.includes(name))
        .map(([verb, operation]) => operationHtml(verb, path, operation)),
    );
    return `<h2 id="${escape(name)}">${escape(name)}</h2><p>${escape(about)}</p>${operations.join('')}`;
  });
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) =>
      `<details id="schema-${escape(name)}"><summary><code>${escape(name)}</code></summary>${schemaHtml(schema)}</details>`,
  );
  const links = [...document.tags.map(({ name }) => name), 'Schemas'].map(
    (name) => `<a href="#${escape(name)}">${escape(name)}</a>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)} API</title><style>${STYLE}</style></head><body>
<h1>${escape(title)} API <small>${escape(version)}</small></h1>
<p>${escape(description)} For programs: <a href="openapi.json">openapi.json</a>.</p>
<nav>${links.join('')}</nav>
${sections.join('\n')}
<h2 id="Schemas">Schemas</h2>
${schemas.join('\n')}
</body></html>
`;
}

function operationHtml(verb: string, path: string, operation: OperationObject): string {
  const { summary, parameters = [], requestBody, responses } = operation;
  const rows = parameters.map(({ name, in: place, required, description, schema }) => {
    const says = [description, required ? 'Required.' : ''].filter(Boolean).join(' ');
    return `<tr><td><code>${escape(name)}</code></td><td>${place}</td><td>${escape(says)} ${schemaHtml(schema)}</td></tr>`;
  });
  const answers = Object.entries(responses).map(([code, { description, content = {} }]) => {
    const bodies = Object.entries(content).map(
      ([type, { schema }]) => `<code>${escape(type)}</code> ${schemaHtml(schema)}`,
    );
    return `<tr><td><code>${escape(code)}</code></td><td>${escape(description)} ${bodies.join('')}</td></tr>`;
  });
  const body = Object.values(requestBody?.content ?? {}).map(
    ({ schema }) => `<h4>Body</h4>${schemaHtml(schema)}`,
  );
  return `<details><summary><b>${verb.toUpperCase()}</b><code>${escape(path)}</code> ${escape(summary)}</summary>
${rows.length > 0 ? `<h4>Parameters</h4><table>${rows.join('')}</table>` : ''}
${body.join('')}<h4>Answers</h4><table>${answers.join('')}</table></details>`;
}

/** A reference as a link, anything else as it is. */
function schemaHtml(schema: JsonSchema): string {
  if (Object.keys(schema).length === 0) return '';
  const linked = escape(JSON.stringify(schema, null, 2)).replace(
    /&quot;#\/components\/schemas\/(\w+)&quot;/g,
    '<a href="#schema-$1">$1</a>',
  );
  return linked.includes('\n') ? `<pre>${linked}</pre>` : linked;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escape(value: string): string {
  return value.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
