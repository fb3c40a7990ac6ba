#!/usr/bin/env bash
# LocalStack runs this once it is ready: it makes the table as infra/guestlist.yaml does, unless it is there already.
set -euo pipefail

# LocalStack takes any credentials; the command only insists that there are some.
export AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-test} AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-test}
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1}

# Always with an address, so that no table is made on AWS.
dynamodb() { aws --endpoint-url "${AWS_ENDPOINT_URL:-http://localhost:4566}" dynamodb "$@"; }

if dynamodb describe-table --table-name guestlist >/dev/null 2>&1; then
    exit 0
fi
dynamodb create-table \
    --table-name guestlist \
    --billing-mode PAY_PER_REQUEST \
    --attribute-definitions \
    AttributeName=pk,AttributeType=S AttributeName=sk,AttributeType=S \
    AttributeName=gs1pk,AttributeType=S AttributeName=gs1sk,AttributeType=S \
    --key-schema AttributeName=pk,KeyType=HASH AttributeName=sk,KeyType=RANGE \
    --global-secondary-indexes \
    'IndexName=gs1,KeySchema=[{AttributeName=gs1pk,KeyType=HASH},{AttributeName=gs1sk,KeyType=RANGE}],Projection={ProjectionType=ALL}'
dynamodb wait table-exists --table-name guestlist
dynamodb update-time-to-live \
    --table-name guestlist \
    --time-to-live-specification Enabled=true,AttributeName=expires
