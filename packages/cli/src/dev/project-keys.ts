/**
 * What `longrun dev` says about the keys of a langgraph.json: those that build images do nothing here, others are not known.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Keys that are followed. */
const WORKING = [
  'graphs',
  'env',
  'store',
  'checkpointer',
  'http',
  'auth',
  'ui',
  'ui_config',
  'node_version',
  'node_loader',
  '$schema',
];

/** Keys that only say how an image is built. */
const OF_IMAGES = [
  'dependencies',
  'dockerfile_lines',
  'docker_compose_file',
  'pip_config_file',
  'pip_installer',
  'keep_pkg_tools',
  'base_image',
  'image_distro',
  'api_version',
  '_INTERNAL_docker_tag',
  'python_version',
];

/** What of a project is not code. */
export interface Project {
  /** Absolute path of the file that `env` names. */
  readonly envFile: string | undefined;
  /** What a user should know, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Reads the project's file.
 *
 * @param env the variables that are set
 * @throws Error when the file is not JSON, or wants what cannot be
 */
export function readProject(configPath: string, env: Readonly<Record<string, string | undefined>>): Project {
  const content = parse(configPath);
  const notes: string[] = [];
  const keys = Object.keys(content);
  const ofImages = keys.filter((key) => OF_IMAGES.includes(key));
  if (ofImages.length > 0) notes.push(`${list(ofImages)} of langgraph.json build images: nothing here.`);
  const unknown = keys.filter((key) => !WORKING.includes(key) && !OF_IMAGES.includes(key));
  if (unknown.length > 0) notes.push(`${list(unknown)} of langgraph.json is not supported, and ignored.`);
  const { node_loader: loader, node_version: version } = content;
  if (loader !== undefined && loader !== 'tsx') {
    throw new Error(
      `node_loader of langgraph.json is ${JSON.stringify(loader)}; graphs are loaded with tsx. Take it away.`,
    );
  }
  const major = process.versions.node.split('.')[0] ?? '';
  if (version !== undefined && version !== major && version !== Number(major)) {
    notes.push(
      `langgraph.json asks for Node.js ${JSON.stringify(version)}; this is ${process.versions.node}.`,
    );
  }
  if (Array.isArray(content['env'])) {
    const missing = content['env'].map(String).filter((name) => !env[name]);
    if (missing.length > 0) notes.push(`env of langgraph.json expects ${list(missing)}; not set.`);
  }
  const envFile =
    typeof content['env'] === 'string' ? resolve(dirname(configPath), content['env']) : undefined;
  return { envFile, notes };
}

function parse(configPath: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(configPath, 'utf8'));
  } catch (error) {
    throw new Error(
      `${configPath} could not be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
    return content as Record<string, unknown>;
  }
  throw new Error(`${configPath} does not hold a JSON object.`);
}

function list(names: readonly string[]): string {
  return names.join(', ');
}
