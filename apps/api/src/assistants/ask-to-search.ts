/**
 * Which assistants the caller of a search may know of.
 */
import type { SqlCondition } from '@longrun/contracts';
import type { RequestAccess } from '../auth/request-access.js';
import type { AssistantCountDto, AssistantSearchDto } from './assistant-search.dto.js';

/** Which assistants of the caller are meant; a handler may narrow the metadata that are looked for. */
export async function askToSearch(
  access: RequestAccess,
  dto: AssistantCountDto & Partial<AssistantSearchDto>,
): Promise<SqlCondition | null> {
  const { graph_id, name, limit, offset } = dto;
  const wish = { metadata: dto.metadata ?? {}, graph_id, name, limit, offset };
  const meant = await access.ask('assistants:search', wish);
  if (Object.keys(wish.metadata).length > 0) dto.metadata = wish.metadata;
  return meant;
}
