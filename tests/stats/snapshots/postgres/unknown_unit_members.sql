WITH "t1" AS (
  SELECT DISTINCT
    "t0"."member_id"
  FROM "exposures" AS "t0"
  WHERE
    "t0"."exposed_at" <= CAST('as_of' AS TIMESTAMP(6)) AND "t0"."unit_id" IS NULL
)
SELECT
  COUNT(*) AS "members"
FROM (
  SELECT
    "t5"."member_id"
  FROM "t1" AS "t5"
  WHERE
    NOT EXISTS(
      SELECT
        1
      FROM (
        SELECT DISTINCT
          *
        FROM (
          SELECT
            "t4"."member_id"
          FROM (
            SELECT
              "t0"."member_id"
            FROM "exposures" AS "t0"
            WHERE
              "t0"."exposed_at" <= CAST('as_of' AS TIMESTAMP(6))
              AND "t0"."unit_id" IS NOT NULL
          ) AS "t4"
          WHERE
            EXISTS(
              SELECT
                1
              FROM "t1" AS "t6"
              WHERE
                "t4"."member_id" = "t6"."member_id"
            )
        ) AS "t7"
      ) AS "t9"
      WHERE
        "t5"."member_id" = "t9"."member_id"
    )
) AS "t10"
