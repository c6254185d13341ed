-- Accounts whose usage belongs to no project that day and is not set aside.
WITH unowned_sku AS (
  SELECT account_use.*
  FROM account_use
  LEFT JOIN tenancy
    ON tenancy.source = account_use.source
    AND tenancy.account = account_use.account
    AND tenancy.from_ms < $period_end
    AND tenancy.until_ms > $period_start
  LEFT JOIN set_aside
    ON set_aside.source = account_use.source
    AND set_aside.account = account_use.account
  WHERE tenancy.account IS NULL
    AND set_aside.account IS NULL
),
unowned AS (
  SELECT
    unowned_sku.source,
    unowned_sku.account,
    unowned_sku.noun,
    CAST(SUM(unowned_sku.amount) AS BIGINT) // unowned_sku.hundredth AS hundredths,
    STRING_AGG(
      unowned_sku.sku || ':' || unowned_sku.unit || ':' || CAST(unowned_sku.amount AS VARCHAR), ' '
      ORDER BY unowned_sku.sku
    ) AS stake
  FROM unowned_sku
  GROUP BY
    unowned_sku.source,
    unowned_sku.account,
    unowned_sku.noun,
    unowned_sku.hundredth
)
SELECT
  unowned.source || '/' || unowned.account AS subject,
  '계정의 소속 과제가 없습니다: '
    || CAST(unowned.hundredths // 100 AS VARCHAR)
    || '.'
    || LPAD(CAST(unowned.hundredths % 100 AS VARCHAR), 2, '0')
    || ' '
    || unowned.noun
    || '. 과제에 연결하거나 사유와 함께 청구 제외로 등록하세요.' AS detail,
  unowned.stake
FROM unowned
