/**
 * An answer slow enough to be stopped, reloaded and killed in the middle: a token is one letter. As with a real model, every
 * call gives its message an id of its own.
 */
import { AIMessage } from '@langchain/core/messages';
import { FakeStreamingChatModel } from '@langchain/core/utils/testing';
import { END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';

const ANSWER = Array.from({ length: 30 }, (_, i) => `word${i}`).join(' ');

// A model that is given chunks sends them all at once; the letters of a response take `sleep` milliseconds each.
const model = new FakeStreamingChatModel({ sleep: 15, responses: [new AIMessage(ANSWER)] });

export const talk = new StateGraph(MessagesAnnotation)
  .addNode('model', async (state) => ({ messages: [await model.invoke(state.messages)] }))
  .addEdge(START, 'model')
  .addEdge('model', END)
  .compile();
