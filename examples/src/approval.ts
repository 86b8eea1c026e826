/**
 * Asks a human before it acts. The run ends at the question; days later another run brings the answer, on any worker.
 *
 * Answer with `true` or `false`, or with `{"approved": true, "amount": 20}` to change what is done.
 */
import { AIMessage } from '@langchain/core/messages';
import {
  Annotation,
  Command,
  END,
  interrupt,
  type LangGraphRunnableConfig,
  MessagesAnnotation,
  START,
  StateGraph,
} from '@langchain/langgraph';

const DEFAULT_AMOUNT = 50;

const State = Annotation.Root({
  ...MessagesAnnotation.spec,
  amount: Annotation<number>,
});

type Answer = boolean | { approved: boolean; amount?: number };

/** Finds out what is asked for. A real agent would let a model do it. */
function propose(state: typeof State.State) {
  const text = state.messages.at(-1)?.text ?? '';
  return { amount: Number(/\d+/.exec(text)?.[0] ?? DEFAULT_AMOUNT) };
}

/**
 * Everything before `interrupt` is executed again when the answer comes, so there is nothing before it that acts.
 */
function ask(state: typeof State.State) {
  const answer: Answer = interrupt({
    question: `May I refund ${state.amount} €?`,
    action: 'refund',
    amount: state.amount,
  });
  const { approved, amount = state.amount } = typeof answer === 'boolean' ? { approved: answer } : answer;
  return new Command({ goto: approved ? 'act' : 'decline', update: { amount } });
}

/**
 * A worker may die after acting and before its checkpoint, and then this node is executed again. What happens outside
 * needs a key that stays the same: the run's id does, over all attempts.
 */
function act(state: typeof State.State, config: LangGraphRunnableConfig) {
  const key = `refund-${String(config.configurable?.run_id)}`;
  return { messages: [new AIMessage(`Refunded ${state.amount} € (idempotency key ${key}).`)] };
}

function decline() {
  return { messages: [new AIMessage('Understood, nothing was refunded.')] };
}

export const graph = new StateGraph(State)
  .addNode('propose', propose)
  .addNode('ask', ask, { ends: ['act', 'decline'] })
  .addNode('act', act)
  .addNode('decline', decline)
  .addEdge(START, 'propose')
  .addEdge('propose', 'ask')
  .addEdge('act', END)
  .addEdge('decline', END)
  .compile();
