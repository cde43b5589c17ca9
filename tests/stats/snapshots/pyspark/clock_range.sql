SELECT
  MIN(`t0`.`first_exposed_at`) AS `first_start`,
  MAX(`t0`.`first_exposed_at`) AS `last_start`
FROM `unit_spans` AS `t0`
