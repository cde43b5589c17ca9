SELECT
  "t2"."variant",
  "t2"."recomputed",
  "t2"."kind",
  "t2"."unit_id"
FROM (
  SELECT
    "t1"."unit_id",
    "t1"."variant",
    "t1"."exposures",
    "t1"."recomputed",
    "t1"."kind",
    ROW_NUMBER() OVER (
      PARTITION BY "t1"."variant", "t1"."recomputed", "t1"."kind"
      ORDER BY "t1"."unit_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) - 1 AS "place"
  FROM (
    SELECT
      *
    FROM "audited" AS "t0"
    WHERE
      "t0"."kind" IS NOT NULL AND "t0"."kind" <> 'erased'
  ) AS "t1"
) AS "t2"
WHERE
  "t2"."place" < 3
