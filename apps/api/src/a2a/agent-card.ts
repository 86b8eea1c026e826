/**
 * The card of an assistant: how agents find out what it does, and where.
 */
import type { Assistant } from '@longrun/contracts';
import type { GraphRegistry } from '@longrun/graphs';
import type { FastifyRequest } from 'fastify';

const MODES = ['text/plain', 'application/json'];

/** Source: the specification of A2A 0.3. */
export interface AgentCard {
  protocolVersion: string;
  name: string;
  description: string;
  version: string;
  url: string;
  preferredTransport: 'JSONRPC';
  capabilities: { streaming: boolean; pushNotifications: boolean; stateTransitionHistory: boolean };
  defaultInputModes: string[];
  defaultOutputModes: string[];
  skills: { id: string; name: string; description: string; tags: string[] }[];
  supportsAuthenticatedExtendedCard: boolean;
}

/** Its address begins with where this server is for the caller: a proxy has to pass Host and X-Forwarded-Proto on. */
export function agentCard(
  { assistant_id: id, name, graph_id: graphId, description: own, version }: Assistant,
  request: FastifyRequest,
  { graphs, http }: Pick<GraphRegistry, 'graphs' | 'http'>,
): AgentCard {
  const description = own ?? graphs.get(graphId)?.description ?? `The agent "${name}" (graph "${graphId}").`;
  const forwarded = String(request.headers['x-forwarded-proto'] ?? '')
    .split(',')[0]
    ?.trim();
  const scheme = forwarded === 'https' || forwarded === 'http' ? forwarded : request.protocol;
  return {
    protocolVersion: '0.3.0',
    name,
    description,
    version: String(version),
    url: `${scheme}://${request.host}${http.mountPrefix ?? ''}/a2a/${id}`,
    preferredTransport: 'JSONRPC',
    capabilities: { streaming: true, pushNotifications: false, stateTransitionHistory: false },
    defaultInputModes: MODES,
    defaultOutputModes: MODES,
    skills: [{ id: `${id}-main`, name, description, tags: ['assistant', graphId] }],
    supportsAuthenticatedExtendedCard: false,
  };
}
