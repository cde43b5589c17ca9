SELECT
  "t10"."campaign",
  "t10"."variant",
  "t10"."other",
  COUNT(*) AS "units",
  COUNT("t10"."y") AS "n",
  CAST(COALESCE(SUM(CAST("t10"."y" AS DECIMAL(19, 0))), 0) AS DECIMAL(38, 0)) AS "y",
  CAST(COALESCE(SUM(CAST("t10"."y" AS DECIMAL(19, 0)) * CAST("t10"."y" AS DECIMAL(19, 0))), 0) AS DECIMAL(38, 0)) AS "yy",
  CAST(COALESCE(SUM(CAST("t10"."d" AS DECIMAL(19, 0))), 0) AS DECIMAL(38, 0)) AS "d",
  CAST(COALESCE(SUM(CAST("t10"."d" AS DECIMAL(19, 0)) * CAST("t10"."d" AS DECIMAL(19, 0))), 0) AS DECIMAL(38, 0)) AS "dd",
  CAST(COALESCE(SUM(CAST("t10"."y" AS DECIMAL(19, 0)) * CAST("t10"."d" AS DECIMAL(19, 0))), 0) AS DECIMAL(38, 0)) AS "yd"
FROM (
  SELECT
    "t5"."unit_id",
    "t5"."variant",
    "t9"."campaign",
    "t9"."other",
    "t3"."unit_id" AS "unit_id_right",
    "t3"."y",
    "t3"."d"
  FROM (
    SELECT
      "t0"."unit_id",
      "t0"."variant"
    FROM "exposed_units" AS "t0"
  ) AS "t5"
  INNER JOIN (
    SELECT
      "t7"."unit_id",
      "t7"."campaign",
      CASE WHEN "t7"."low" = "t7"."high" THEN "t7"."low" ELSE NULL END AS "other"
    FROM (
      SELECT
        "t6"."unit_id",
        "t6"."campaign",
        MIN("t6"."variant") AS "low",
        MAX("t6"."variant") AS "high"
      FROM (
        SELECT
          *
        FROM "overlaps" AS "t2"
        WHERE
          "t2"."exposed_at" <= CAST('2026-07-01T00:00:00' AS TIMESTAMP(6))
      ) AS "t6"
      GROUP BY
        1,
        2
    ) AS "t7"
  ) AS "t9"
    ON "t5"."unit_id" = "t9"."unit_id"
  LEFT OUTER JOIN "outcomes" AS "t3"
    ON "t5"."unit_id" = "t3"."unit_id"
) AS "t10"
GROUP BY
  1,
  2,
  3
