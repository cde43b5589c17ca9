SELECT
  "t16"."unit_id",
  "t16"."first_exposed_at",
  "t16"."event",
  "t16"."occurred_at",
  "t16"."amount_minor",
  "t16"."properties"
FROM (
  SELECT
    "t11"."member_id",
    "t11"."event",
    "t11"."occurred_at",
    "t11"."amount_minor",
    "t11"."currency",
    "t11"."properties",
    "t6"."unit_id",
    "t15"."variant",
    "t15"."first_exposed_at"
  FROM (
    SELECT
      *
    FROM "conversions" AS "t0"
    WHERE
      "t0"."occurred_at" <= CAST('as_of' AS TIMESTAMP(6))
      AND (
        (
          "t0"."amount_minor" IS NULL
        ) OR (
          COALESCE("t0"."currency", '') = 'TWD'
        )
      )
      AND "t0"."event" IN ('order')
  ) AS "t11"
  INNER JOIN (
    SELECT DISTINCT
      *
    FROM "unit_members" AS "t1"
  ) AS "t6"
    ON "t11"."member_id" = "t6"."member_id"
  INNER JOIN (
    SELECT
      "t13"."unit_id",
      "t13"."variant",
      "t13"."first_exposed_at"
    FROM (
      SELECT
        "t12"."unit_id",
        MIN("t12"."first_exposed_at") AS "first_exposed_at",
        MIN("t12"."variant") AS "variant"
      FROM (
        SELECT
          "t9"."unit_id",
          "t9"."variant",
          "t9"."started_at",
          "t8"."first_exposed_at"
        FROM (
          SELECT
            "t2"."unit_id",
            "t2"."variant",
            "t2"."assigned_at" AS "started_at"
          FROM "assignments" AS "t2"
          WHERE
            "t2"."assigned_at" <= CAST('as_of' AS TIMESTAMP(6))
        ) AS "t9"
        INNER JOIN (
          SELECT
            "t3"."unit_id",
            "t3"."first_exposed_at"
          FROM "unit_spans" AS "t3"
        ) AS "t8"
          ON "t9"."unit_id" = "t8"."unit_id" AND "t9"."started_at" = "t8"."first_exposed_at"
      ) AS "t12"
      GROUP BY
        1
    ) AS "t13"
  ) AS "t15"
    ON "t6"."unit_id" = "t15"."unit_id"
) AS "t16"
WHERE
  "t16"."occurred_at" >= "t16"."first_exposed_at"
