/**
 * The HTML by which a front end puts a component on its page. It is inserted into pages of other origins, so its addresses are whole.
 */
import path from 'node:path';
import { globalNameOf } from '@longrun/graphs';

export interface ComponentPlace {
  /** What the components are called in langgraph.json. */
  bundle: string;
  component: string;
  /** Names of the bundle's files. */
  files: Iterable<string>;
  /** The Host header of the request: where this server is for the client. */
  host: string;
}

/** `{{shadowRootId}}` in it is replaced by the SDK. */
export function componentHtml({ bundle, component, files, host }: ComponentPlace): string {
  // Elsewhere the page says whether it is http or https; pages of this machine may be opened from a file.
  const scheme = /^(localhost|127\.0\.0\.1)(:|$)/.test(host) ? 'http:' : '';
  const address = (file: string): string =>
    escape(`${scheme}//${host}/ui/${encodeURIComponent(bundle)}/${encodeURIComponent(file)}`);
  const names = [...files];
  const styles = names.filter((name) => path.extname(name) === '.css');
  const scripts = names.filter((name) => path.extname(name) === '.js');
  const render = `__LGUI_${globalNameOf(bundle)}.render(${JSON.stringify(component)}, "{{shadowRootId}}")`;
  return [
    ...styles.map((file) => `<link rel="stylesheet" href="${address(file)}" />`),
    ...scripts.map((file) => `<script src="${address(file)}" onload='${escape(render)}'></script>`),
  ].join('\n');
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&quot;',
};

function escape(text: string): string {
  return text.replace(/[&<>'"]/g, (character) => ENTITIES[character] ?? character);
}
