import { describe, expect, it } from '@jest/globals';
import { componentHtml } from './component-html.js';

describe('the HTML of a component', () => {
  const html = (place: { bundle?: string; component?: string; host?: string }): string =>
    componentHtml({
      bundle: 'agent',
      component: 'card',
      host: 'api.example.org',
      files: ['entrypoint.js', 'entrypoint.css'],
      ...place,
    });

  it('names the style sheet, then the script, then what to render', () => {
    expect(html({})).toBe(
      '<link rel="stylesheet" href="//api.example.org/ui/agent/entrypoint.css" />\n' +
        '<script src="//api.example.org/ui/agent/entrypoint.js" ' +
        "onload='__LGUI_agent.render(&quot;card&quot;, &quot;{{shadowRootId}}&quot;)'></script>",
    );
  });

  it('says http on this machine only', () => {
    expect(html({ host: 'localhost:8123' })).toContain('"http://localhost:8123/ui/');
    expect(html({ host: '127.0.0.1' })).toContain('"http://127.0.0.1/ui/');
    expect(html({ host: 'localhost.example.org' })).toContain('"//localhost.example.org/ui/');
  });

  it('lets no name out of its attribute', () => {
    const nasty = html({ bundle: `a'"/><b`, component: `'></script><b>`, host: '"><i' });
    expect(nasty.match(/[<>]/g)).toHaveLength('<link/><script></script>'.match(/[<>]/g)?.length ?? 0);
    expect(nasty).toContain('__LGUI_a_____b.render(');
    expect(nasty.match(/'/g)).toHaveLength(2);
  });
});
