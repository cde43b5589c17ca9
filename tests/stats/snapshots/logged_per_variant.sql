SELECT
  "t1"."variant",
  COUNT(*) AS "exposures",
  MIN("t1"."exposed_at") AS "first_exposed_at",
  MAX("t1"."exposed_at") AS "last_exposed_at"
FROM (
  SELECT
    *
  FROM "exposures" AS "t0"
  WHERE
    "t0"."exposed_at" <= MAKE_TIMESTAMP(2026, 7, 1, 0, 0, 0.0)
) AS "t1"
GROUP BY
  1
