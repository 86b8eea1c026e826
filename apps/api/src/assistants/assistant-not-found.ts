/**
 * The error for an assistant that there is not, or that the caller may not know of.
 */
import { LongrunError } from '@longrun/contracts';

export function assistantNotFound(idOrGraph: string): LongrunError {
  return new LongrunError('ASSISTANT_NOT_FOUND', 'Assistant not found', {
    details: { assistant_id: idOrGraph },
  });
}
