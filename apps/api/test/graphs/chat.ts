/**
 * One answer of a fake model that streams its words, one after the other.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { FakeStreamingChatModel } from '@langchain/core/utils/testing';
import { AIMessage, AIMessageChunk } from '@langchain/core/messages';
import { END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';

export const WORDS = ['one ', 'two ', 'three ', 'four ', 'five'];

/** The model of LangChain waits between the letters of a response, but not between chunks. */
class PacedChatModel extends FakeStreamingChatModel {
  override async *_streamResponseChunks(
    ...args: Parameters<FakeStreamingChatModel['_streamResponseChunks']>
  ): ReturnType<FakeStreamingChatModel['_streamResponseChunks']> {
    for await (const chunk of super._streamResponseChunks(...args)) {
      await sleep(this.sleep);
      yield chunk;
    }
  }
}

const model = new PacedChatModel({
  sleep: 10,
  chunks: WORDS.map((content) => new AIMessageChunk({ content, id: 'answer' })),
  responses: [new AIMessage({ content: WORDS.join(''), id: 'answer' })],
});

export const chat = new StateGraph(MessagesAnnotation)
  .addNode('model', async (state) => ({ messages: [await model.invoke(state.messages)] }))
  .addEdge(START, 'model')
  .addEdge('model', END)
  .compile();
