SELECT
  *
FROM (
  SELECT
    "t2"."variant",
    "t2"."value",
    "t2"."at_most" - "t2"."tied" AS "below",
    "t2"."at_most"
  FROM (
    SELECT
      "t1"."variant",
      "t1"."value",
      "t1"."tied",
      SUM("t1"."tied") OVER (
        PARTITION BY "t1"."variant"
        ORDER BY "t1"."value" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      ) AS "at_most"
    FROM (
      SELECT
        "t0"."variant",
        "t0"."value",
        COUNT(*) AS "tied"
      FROM "quantile_values" AS "t0"
      GROUP BY
        1,
        2
    ) AS "t1"
  ) AS "t2"
) AS "t3"
WHERE
  (
    (
      "t3"."variant" = 'control'
    )
    AND (
      "t3"."below" < 85
    )
    AND (
      "t3"."at_most" >= 85
    )
  )
  OR (
    (
      "t3"."variant" = 'control'
    )
    AND (
      "t3"."below" < 90
    )
    AND (
      "t3"."at_most" >= 90
    )
  )
  OR (
    (
      "t3"."variant" = 'control'
    )
    AND (
      "t3"."below" < 95
    )
    AND (
      "t3"."at_most" >= 95
    )
  )
  OR (
    (
      "t3"."variant" = 'B'
    )
    AND (
      "t3"."below" < 9
    )
    AND (
      "t3"."at_most" >= 9
    )
  )
