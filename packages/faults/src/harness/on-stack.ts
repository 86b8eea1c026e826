/**
 * What most scenarios have in common: a stack of their own, a client, and the end of both.
 */
import type { Outcome, ScenarioContext } from '../scenario.js';
import { FaultStack, type FaultStackOptions } from './fault-stack.js';
import { RunClient } from './run-client.js';

/** What a scenario works with. */
export interface Setting {
  readonly context: ScenarioContext;
  readonly stack: FaultStack;
  readonly client: RunClient;
}

/** A scenario's `run` on a stack that is started for it and stopped after it, also when it breaks off. */
export function onStack(
  options: FaultStackOptions,
  run: (setting: Setting) => Promise<Outcome>,
): (context: ScenarioContext) => Promise<Outcome> {
  return async (context) => {
    const stack = await FaultStack.start(context, options);
    try {
      return await run({ context, stack, client: new RunClient(stack.apiUrls) });
    } finally {
      await stack.stop();
    }
  };
}
