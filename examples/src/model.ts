/**
 * The model of the examples: any OpenAI-compatible endpoint when one is configured, otherwise a local stand-in, so
 * that everything here runs without a key.
 *
 * OPENAI_API_KEY, OPENAI_BASE_URL and MODEL are read from the environment (or from `.env` beside langgraph.json).
 */
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { ChatOpenAI } from '@langchain/openai';
import { LocalModel } from './local-model.ts';

const DEFAULT_MODEL = 'gpt-4.1-mini';

/** A chat model that streams and calls tools. */
export function createModel(): BaseChatModel {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, MODEL } = process.env;
  if (!OPENAI_API_KEY && !OPENAI_BASE_URL) return new LocalModel();
  return new ChatOpenAI({
    model: MODEL || DEFAULT_MODEL,
    // Local endpoints need no key, but the client insists on one.
    apiKey: OPENAI_API_KEY || 'none',
    ...(OPENAI_BASE_URL ? { configuration: { baseURL: OPENAI_BASE_URL } } : {}),
  });
}
