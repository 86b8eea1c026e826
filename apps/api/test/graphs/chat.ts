/**
 * One answer of a fake model that streams its words.
 */
import { FakeStreamingChatModel } from '@langchain/core/utils/testing';
import { AIMessage, AIMessageChunk } from '@langchain/core/messages';
import { END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';

export const WORDS = ['one ', 'two ', 'three ', 'four ', 'five'];

const model = new FakeStreamingChatModel({
  sleep: 10,
  chunks: WORDS.map((content) => new AIMessageChunk({ content, id: 'answer' })),
  responses: [new AIMessage({ content: WORDS.join(''), id: 'answer' })],
});

export const chat = new StateGraph(MessagesAnnotation)
  .addNode('model', async (state) => ({ messages: [await model.invoke(state.messages)] }))
  .addEdge(START, 'model')
  .addEdge('model', END)
  .compile();
