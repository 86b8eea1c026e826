import { describe, expect, it } from '@jest/globals';
import { treeOf, type AgentStatus, type GraphNews } from './agent-tree.js';

const news = (event: AgentStatus, ...namespace: string[]): GraphNews => ({
  namespace,
  data: { event, graph_name: namespace.at(-1)?.split(':')[0] ?? 'root' },
});

describe('the tree of the graphs of a run', () => {
  it('has each graph in the one around it, with its last status', () => {
    const tree = treeOf([
      news('running'),
      news('started', 'a:1'),
      news('started', 'a:1', 'b:2'),
      news('completed', 'a:1', 'b:2'),
      news('interrupted', 'a:1'),
      news('started', 'a:9'),
    ]);
    expect(tree).toEqual({
      namespace: [],
      status: 'running',
      graph_name: 'root',
      children: [
        {
          namespace: ['a:1'],
          status: 'interrupted',
          graph_name: 'a',
          children: [{ namespace: ['a:1', 'b:2'], status: 'completed', graph_name: 'b' }],
        },
        { namespace: ['a:9'], status: 'started', graph_name: 'a' },
      ],
    });
  });

  it('has a graph whose parent was not told of in the nearest one that was', () => {
    expect(treeOf([news('completed'), news('started', 'a:1', 'b:2')]).children).toEqual([
      { namespace: ['a:1', 'b:2'], status: 'started', graph_name: 'b' },
    ]);
  });
});
