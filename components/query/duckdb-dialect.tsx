import { SQLDialect } from '@codemirror/lang-sql'

const words = (...lines: readonly string[]): string => lines.join(' ')

/** The words of DuckDB's SELECT, and nothing that cannot be asked here: `class` and `key` are columns, not keywords. */
export const DUCKDB = SQLDialect.define({
  keywords: words(
    'select from where group by having order limit offset with recursive as on using distinct all',
    'join left right full inner outer cross semi anti asof positional lateral natural',
    'union intersect except case when then else end and or not in is like ilike similar between exists',
    'null true false asc desc nulls first last qualify window over partition rows range unbounded preceding',
    'following current row filter within values cast try_cast exclude replace rename columns sample',
    'tablesample pivot unpivot explain analyze describe summarize show tables grouping sets cube rollup any',
  ),
  types: words(
    'boolean tinyint smallint integer bigint hugeint utinyint usmallint uinteger ubigint float double decimal',
    'varchar text blob date time timestamp interval list map struct',
  ),
  builtin: words(
    'count sum min max avg median quantile_cont mode stddev string_agg list arg_max arg_min approx_count_distinct',
    'row_number rank dense_rank lag lead first_value last_value ntile coalesce nullif greatest least round floor',
    'ceil abs length lower upper replace regexp_matches regexp_extract regexp_replace split_part strpos substring',
    'concat printf format starts_with contains histogram unnest range generate_series',
  ),
  doubleDollarQuotedStrings: true,
  operatorChars: '+-*/<>=~!@#%^&|`?',
})
