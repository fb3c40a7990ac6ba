#!/usr/bin/env bash
# LocalStack runs this once it is ready: it makes the table as infra/guestlist.yaml does, unless it is there already.
set -euo pipefail

if awslocal dynamodb describe-table --table-name guestlist >/dev/null 2>&1; then
    exit 0
fi
awslocal dynamodb create-table \
    --table-name guestlist \
    --billing-mode PAY_PER_REQUEST \
    --attribute-definitions \
    AttributeName=pk,AttributeType=S AttributeName=sk,AttributeType=S \
    AttributeName=gs1pk,AttributeType=S AttributeName=gs1sk,AttributeType=S \
    --key-schema AttributeName=pk,KeyType=HASH AttributeName=sk,KeyType=RANGE \
    --global-secondary-indexes \
    'IndexName=gs1,KeySchema=[{AttributeName=gs1pk,KeyType=HASH},{AttributeName=gs1sk,KeyType=RANGE}],Projection={ProjectionType=ALL}'
awslocal dynamodb wait table-exists --table-name guestlist
awslocal dynamodb update-time-to-live \
    --table-name guestlist \
    --time-to-live-specification Enabled=true,AttributeName=expires
