/**
 * A chat model without a network: it answers by rules, always the same, but streams its answer word by word and calls
 * tools for real, as a model does.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager';
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BindToolsInput,
} from '@langchain/core/language_models/chat_models';
import { AIMessageChunk, type BaseMessage, type ToolMessage } from '@langchain/core/messages';
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs';

/** Time between two words. */
const WORD_MS = 20;

interface Options extends BaseChatModelCallOptions {
  toolNames?: string[];
}

/** What the model would do next: say something, or call a tool. */
type Step = { text: string } | { tool: string; args: Record<string, unknown> };

export class LocalModel extends BaseChatModel<Options> {
  constructor() {
    super({});
  }

  _llmType(): string {
    return 'local';
  }

  override bindTools(tools: BindToolsInput[]): ReturnType<NonNullable<BaseChatModel<Options>['bindTools']>> {
    const toolNames = tools.map((tool) => String((tool as { name?: string }).name));
    return this.withConfig({ toolNames });
  }

  async _generate(messages: BaseMessage[], options: this['ParsedCallOptions']): Promise<ChatResult> {
    let whole: ChatGenerationChunk | undefined;
    for await (const chunk of this._streamResponseChunks(messages, options)) {
      whole = whole === undefined ? chunk : whole.concat(chunk);
    }
    return { generations: whole === undefined ? [] : [whole] };
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const step = nextStep(messages, options.toolNames ?? []);
    if ('tool' in step) {
      const call = {
        name: step.tool,
        args: JSON.stringify(step.args),
        id: `call_${messages.length}`,
        index: 0,
      };
      const message = new AIMessageChunk({
        content: '',
        tool_call_chunks: [{ ...call, type: 'tool_call_chunk' }],
      });
      yield new ChatGenerationChunk({ text: '', message });
      return;
    }
    for (const word of step.text.split(/(?<=\s)/)) {
      await sleep(WORD_MS, undefined, options.signal ? { signal: options.signal } : {});
      const chunk = new ChatGenerationChunk({ text: word, message: new AIMessageChunk(word) });
      yield chunk;
      await runManager?.handleLLMNewToken(word, undefined, undefined, undefined, undefined, { chunk });
    }
  }
}

function nextStep(messages: BaseMessage[], tools: string[]): Step {
  const last = messages.at(-1);
  if (last?.type === 'tool')
    return { text: `The ${(last as ToolMessage).name ?? 'tool'} says: ${last.text}.` };
  const text = last?.text ?? '';
  const sum = /(-?\d+(?:\.\d+)?)\s*([-+*/])\s*(-?\d+(?:\.\d+)?)/.exec(text);
  if (sum !== null && tools.includes('calculator')) {
    const [, a, operator, b] = sum;
    return { tool: 'calculator', args: { a: Number(a), operator, b: Number(b) } };
  }
  const city = /weather (?:in|of|for) ([\p{L} ]+)/iu.exec(text)?.[1]?.trim();
  if (city !== undefined && tools.includes('weather')) return { tool: 'weather', args: { city } };
  if (tools.length > 0) {
    return {
      text: 'I can calculate (try: 6 * 7) and tell the weather (try: what is the weather in Paris?).',
    };
  }
  return { text: `Here is what there is to say. ${text} This deserves a closer look, and it gets one here.` };
}
