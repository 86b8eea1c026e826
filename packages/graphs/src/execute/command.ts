/**
 * A `command` of the wire as something that every copy of LangGraph takes for a Command. Changes with LangGraph's
 * notion of a command.
 */
import type { RunCommand } from '@longrun/contracts';
import type { CompiledGraph } from '../registry/graph-registry.js';
import { sendOfGraph } from '../registry/send-of-graph.js';

/** The brand by which LangGraph recognises commands, whatever copy made them. */
interface PlainCommand {
  lg_name: 'Command';
  resume?: unknown;
  update?: unknown;
  goto: unknown[];
}

/** The command for `graph`. */
export async function toCommand(
  command: RunCommand,
  graph: CompiledGraph,
  sourceFile: string | undefined,
): Promise<PlainCommand> {
  const targets = command.goto === undefined || command.goto === null ? [] : [command.goto].flat();
  const needsSend = targets.some((target) => typeof target !== 'string');
  const Send = needsSend ? await sendOfGraph(graph, sourceFile) : undefined;
  return {
    lg_name: 'Command',
    ...(command.resume === undefined ? {} : { resume: command.resume }),
    ...(command.update === undefined || command.update === null ? {} : { update: command.update }),
    goto: targets.map((target) =>
      typeof target === 'string' || Send === undefined ? target : new Send(target.node, target.input ?? {}),
    ),
  };
}

/** Answers by the id of the question: keys are 32 hexadecimal digits. */
export type ResumeMap = Record<string, unknown>;

/** The answers of a command if it names the questions; undefined for one answer for whoever asks. */
export function resumeMapOf(command: RunCommand): ResumeMap | undefined {
  const { resume } = command;
  if (typeof resume !== 'object' || resume === null || Array.isArray(resume)) return undefined;
  const keys = Object.keys(resume);
  return keys.length > 0 && keys.every((key) => /^[0-9a-f]{32}$/.test(key))
    ? (resume as ResumeMap)
    : undefined;
}

/** True for an answer that LangGraph loses because it is falsy: `false`, `0` and the empty string. */
export function isLostAnswer(command: RunCommand): boolean {
  return command.resume !== undefined && command.resume !== null && !command.resume;
}

/** Ids of the questions in a write to the channel of interrupts. */
export function questionIds(value: unknown): string[] {
  return [value].flat().flatMap((item: unknown) => {
    const id = typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined;
    return typeof id === 'string' ? [id] : [];
  });
}
