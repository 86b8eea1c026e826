import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { systemAssistantId } from './assistants.service.js';

describe('systemAssistantId', () => {
  it('is the id that the platform gives the assistant of a graph of this name', () => {
    expect(systemAssistantId('demo')).toBe('fcb1d0d2-a4d7-5bb4-b10a-57c00fdcb684');
  });

  it('differs from graph to graph', () => {
    expect(systemAssistantId('demo2')).not.toBe(systemAssistantId('demo'));
  });
});
