SELECT
  "t7"."unit_id",
  "t7"."variant",
  "t7"."first_exposed_at"
FROM (
  SELECT
    "t6"."unit_id",
    MIN("t6"."first_exposed_at") AS "first_exposed_at",
    MIN("t6"."variant") AS "variant"
  FROM (
    SELECT
      "t5"."unit_id",
      "t5"."variant",
      "t5"."started_at",
      "t3"."first_exposed_at"
    FROM (
      SELECT
        "t0"."unit_id",
        "t0"."variant",
        "t0"."assigned_at" AS "started_at"
      FROM "assignments" AS "t0"
      WHERE
        "t0"."assigned_at" <= CAST('as_of' AS TIMESTAMP(6))
    ) AS "t5"
    INNER JOIN (
      SELECT
        "t1"."unit_id",
        "t1"."first_exposed_at"
      FROM "unit_spans" AS "t1"
    ) AS "t3"
      ON "t5"."unit_id" = "t3"."unit_id" AND "t5"."started_at" = "t3"."first_exposed_at"
  ) AS "t6"
  GROUP BY
    1
) AS "t7"
