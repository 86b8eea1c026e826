/**
 * The fields by which requests ask for a page of a list, and for its order.
 */
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { AsOffset } from './field-rules.js';

/** Most items of one answer. */
const MOST = 1_000;

export interface Page {
  limit?: number | null;
  offset?: number | null;
}

export interface SortedPage<Field extends string> extends Page {
  sort_by?: Field | null;
  sort_order?: 'asc' | 'desc' | null;
}

type Dto<Fields extends object> = new () => Fields;

/** The fields of another DTO, and those of a page. */
function withPage<Fields extends object>(fields: Dto<Fields>): Dto<Fields & Page> {
  class PagedDto extends (fields as Dto<object>) implements Page {
    @IsOptional()
    @IsInt()
    @Min(1)
    @Max(MOST)
    limit?: number | null;

    @IsOptional()
    @AsOffset()
    @IsInt()
    @Min(0)
    offset?: number | null;
  }
  return PagedDto as Dto<Fields & Page>;
}

/**
 * The fields of another DTO, those of a page, and its order: `class SearchDto extends withSortedPage(FilterDto, FIELDS)`.
 *
 * @param sortFields what the list can be sorted by
 */
export function withSortedPage<Fields extends object, Field extends string>(
  fields: Dto<Fields>,
  sortFields: readonly Field[],
): Dto<Fields & SortedPage<Field>> {
  class SortedPageDto extends (withPage(fields) as Dto<Page>) implements SortedPage<Field> {
    @IsOptional()
    @IsIn(sortFields)
    sort_by?: Field | null;

    @IsOptional()
    @IsIn(['asc', 'desc'])
    sort_order?: 'asc' | 'desc' | null;
  }
  return SortedPageDto as unknown as Dto<Fields & SortedPage<Field>>;
}

/** A page and nothing else. */
export class PageDto extends withPage(Object) {}
