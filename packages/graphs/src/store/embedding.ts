/**
 * What turns texts into vectors: `store.index.embed` of langgraph.json, a file of the user or a provider's package.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { LongrunError } from '@longrun/contracts';
import { loadExport, locateExport, messageOf } from '../registry/load-export.js';

export interface Embedding {
  documents(texts: string[]): Promise<number[][]>;
  query(text: string): Promise<number[]>;
}

/** Packages of LangChain.js and the class in them, by the name of the provider. They must be installed beside langgraph.json. */
const PROVIDERS: Readonly<Record<string, readonly [packageName: string, className: string]>> = {
  azure_openai: ['@langchain/openai', 'AzureOpenAIEmbeddings'],
  bedrock: ['@langchain/aws', 'BedrockEmbeddings'],
  cohere: ['@langchain/cohere', 'CohereEmbeddings'],
  google_genai: ['@langchain/google-genai', 'GoogleGenerativeAIEmbeddings'],
  mistralai: ['@langchain/mistralai', 'MistralAIEmbeddings'],
  ollama: ['@langchain/ollama', 'OllamaEmbeddings'],
  openai: ['@langchain/openai', 'OpenAIEmbeddings'],
};

/**
 * @param embed `./file.ts:export` with an Embeddings object or a function of texts, or `provider:model`
 * @param folder the folder of langgraph.json
 * @throws LongrunError GRAPH_LOAD_FAILED saying what to install or to export
 */
export async function loadEmbedding(embed: string, folder: string): Promise<Embedding> {
  const isFile = /^\.{0,2}\//.test(embed);
  try {
    const loaded = await (isFile ? loadExport(locateExport(embed, folder)) : loadProvider(embed, folder));
    const embedding = asEmbedding(loaded);
    if (embedding) return embedding;
  } catch (error) {
    throw new LongrunError(
      'GRAPH_LOAD_FAILED',
      `langgraph.json: store.index.embed "${embed}": ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
  throw new LongrunError(
    'GRAPH_LOAD_FAILED',
    `langgraph.json: store.index.embed "${embed}" is neither an Embeddings object (embedDocuments, embedQuery) nor a function that takes a list of texts and returns a list of vectors.`,
  );
}

async function loadProvider(embed: string, folder: string): Promise<unknown> {
  const colon = embed.indexOf(':');
  const provider = PROVIDERS[embed.slice(0, Math.max(colon, 0)).replaceAll('-', '_')];
  const model = embed.slice(colon + 1);
  if (!provider || model === '') {
    const known = Object.keys(PROVIDERS).join(', ');
    throw new Error(
      `is no known provider. Known: ${known}, as in "openai:text-embedding-3-small"; for any other, give a path such as "./embed.ts:embed".`,
    );
  }
  const [packageName, className] = provider;
  const require = createRequire(path.join(folder, 'langgraph.json'));
  let file: string;
  try {
    file = require.resolve(packageName);
  } catch (error) {
    throw new Error(
      `needs the package ${packageName}, which is not installed in ${folder}. Install it there.`,
      {
        cause: error,
      },
    );
  }
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const Embeddings = module[className] as (new (fields: { model: string }) => unknown) | undefined;
  if (typeof Embeddings !== 'function') throw new Error(`the package ${packageName} has no ${className}.`);
  return new Embeddings({ model });
}

function asEmbedding(value: unknown): Embedding | undefined {
  if (typeof value === 'function') {
    const embed = value as (texts: string[]) => Promise<number[][]> | number[][];
    return {
      documents: async (texts) => embed(texts),
      query: async (text) => (await embed([text]))[0] ?? [],
    };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { embedDocuments, embedQuery } = value as {
    embedDocuments?: (texts: string[]) => Promise<number[][]>;
    embedQuery?: (text: string) => Promise<number[]>;
  };
  if (typeof embedDocuments !== 'function' || typeof embedQuery !== 'function') return undefined;
  return {
    documents: (texts) => embedDocuments.call(value, texts),
    query: (text) => embedQuery.call(value, text),
  };
}
