import { describe, expect, it } from '@jest/globals';
import { uiSettingsOf } from './ui-settings.js';

describe('ui and ui_config of langgraph.json', () => {
  const settings = (ui: unknown, config?: unknown) =>
    uiSettingsOf({ folder: '/project', content: { ui, ui_config: config } });

  it('may be absent', () => {
    expect(settings(undefined)).toBeNull();
  });

  it('name files and the packages that are not bundled', () => {
    const files = new Map([['agent', './ui.tsx']]);
    expect(settings({ agent: './ui.tsx' })).toEqual({ folder: '/project', files, shared: [] });
    expect(settings({ agent: './ui.tsx' }, { shared: ['charts'] })?.shared).toEqual(['charts']);
  });

  it.each([
    ['./ui.tsx', undefined, /langgraph\.json: ui must be an object/],
    [{}, undefined, /langgraph\.json: ui must be an object/],
    [{ agent: 5 }, undefined, /langgraph\.json: ui must be an object/],
    [{ agent: './ui.tsx' }, { shared: 'charts' }, /ui_config\.shared must be a list/],
  ])('are refused as %j with %j', (ui, config, message) => {
    expect(() => settings(ui, config)).toThrow(message);
  });
});
