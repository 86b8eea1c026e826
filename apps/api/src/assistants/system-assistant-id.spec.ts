import { describe, expect, it } from '@jest/globals';
import { systemAssistantId, toAssistantId } from './system-assistant-id.js';

describe('systemAssistantId', () => {
  it('is the id that the platform gives the assistant of a graph of this name', () => {
    expect(systemAssistantId('demo')).toBe('fcb1d0d2-a4d7-5bb4-b10a-57c00fdcb684');
  });

  it('differs from graph to graph', () => {
    expect(systemAssistantId('demo2')).not.toBe(systemAssistantId('demo'));
  });
});

describe('toAssistantId', () => {
  it('takes an id for itself, in any case, and everything else for the name of a graph', () => {
    const id = 'fcb1d0d2-a4d7-5bb4-b10a-57c00fdcb684';
    expect([toAssistantId(id), toAssistantId(id.toUpperCase()), toAssistantId('demo')]).toEqual([id, id, id]);
  });
});
