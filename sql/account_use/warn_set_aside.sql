-- Usage of accounts that are set aside by name and so not billed.
WITH aside_sku AS (
  SELECT
    account_use.*,
    set_aside.reason
  FROM account_use
  JOIN set_aside
    ON set_aside.source = account_use.source
    AND set_aside.account = account_use.account
),
aside AS (
  SELECT
    aside_sku.source,
    aside_sku.account,
    aside_sku.noun,
    aside_sku.reason,
    CAST(SUM(aside_sku.amount) AS BIGINT) // aside_sku.hundredth AS hundredths,
    STRING_AGG(
      aside_sku.sku || ':' || aside_sku.unit || ':' || CAST(aside_sku.amount AS VARCHAR), ' '
      ORDER BY aside_sku.sku
    ) AS stake
  FROM aside_sku
  GROUP BY
    aside_sku.source,
    aside_sku.account,
    aside_sku.noun,
    aside_sku.hundredth,
    aside_sku.reason
)
SELECT
  aside.source || '/' || aside.account AS subject,
  '청구 제외: '
    || CAST(aside.hundredths // 100 AS VARCHAR)
    || '.'
    || LPAD(CAST(aside.hundredths % 100 AS VARCHAR), 2, '0')
    || ' '
    || aside.noun
    || ' (사유: '
    || aside.reason
    || ')' AS detail,
  aside.stake
FROM aside
