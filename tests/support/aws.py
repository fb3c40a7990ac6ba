"""A stand-in for AWS that deploys infra/guestlist.yaml through the CloudFormation API.

`python aws.py --port 0` prints two lines, then serves until SIGTERM or the end of its standard input:

    ready http://127.0.0.1:PORT TABLE
    {"Table": …, "TimeToLive": …, "ContinuousBackups": …, "Declared": …, "Settings": …}

The first says where DynamoDB's API is and what the template's table is called; the second is what that API says of the
table, and what the template does, for a test to hold against what Guestlist expects.
"""

import argparse
import json
import logging
import os
import re
import warnings
from pathlib import Path

import boto3
from cfnlint.decode import cfn_yaml
from moto.server import ThreadedMotoServer

TEMPLATE = Path(__file__).parents[2] / "infra" / "guestlist.yaml"
REGION = "eu-central-1"
LOGIN = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": REGION}


def deploy(client):
    network = client("ec2")
    vpc = network.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = []
    for index, zone in enumerate("ab"):
        subnet = network.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=REGION + zone
        )
        subnets.append(subnet["Subnet"]["SubnetId"])
    secret = client("secretsmanager").create_secret(Name="guestlist", SecretString="{}")["ARN"]
    certificate = client("acm").request_certificate(DomainName="users.example.com")["CertificateArn"]
    parameters = {
        "Vpc": vpc,
        "LoadBalancerSubnets": ",".join(subnets),
        "LoadBalancerCidrs": "10.0.0.0/24, 10.0.1.0/24",
        "ServiceSubnets": ",".join(subnets),
        "CertificateArn": certificate,
        "Image": "guestlist:test",
        "SecretArn": secret,
        "PublicUrl": "https://auth.example.com",
        "AppUrl": "https://app.example.com",
        "MailFrom": "guestlist@example.com",
    }
    stacks = client("cloudformation")
    stacks.create_stack(
        StackName="guestlist",
        TemplateBody=TEMPLATE.read_text(),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    resource = stacks.describe_stack_resource(StackName="guestlist", LogicalResourceId="Table")
    return resource["StackResourceDetail"]["PhysicalResourceId"]


def complete(dynamodb, table, declared):
    """Applies what moto's CloudFormation leaves out of a table. It has no encryption at all."""
    dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=declared["TimeToLiveSpecification"])
    dynamodb.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification=declared["PointInTimeRecoverySpecification"]
    )


def settings(template):
    """How the template sets up what stands at the network, and which of some ranges it takes for the load balancer's."""
    parameters, resources = template["Parameters"], template["Resources"]
    container = resources["Task"]["Properties"]["ContainerDefinitions"][0]
    pattern = parameters["LoadBalancerCidrs"]["AllowedPattern"]
    ranges = ["10.0.0.0/24", " 10.0.1.0/24", "172.31.0.0/16", "10.0.0.0/8", "172.16.0.0/12", "0.0.0.0/0", "10.0.0.1", ""]
    return {
        "Parameters": {name: parameters[name] for name in ["LoadBalancerCidrs", "Metrics"]},
        "Environment": {one["Name"]: one["Value"] for one in container["Environment"]},
        "LoadBalancer": resources["LoadBalancer"]["Properties"]["LoadBalancerAttributes"],
        "Taken": [text for text in ranges if re.search(pattern, text)],
    }


def describe(dynamodb, table):
    return {
        "Table": dynamodb.describe_table(TableName=table)["Table"],
        "TimeToLive": dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"],
        "ContinuousBackups": dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"],
    }


def main():
    parser = argparse.ArgumentParser(description="A stand-in for AWS with infra/guestlist.yaml deployed, on 127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    # Neither a line for each request nor moto's list of what it does not know belongs in a test's output.
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=parser.parse_args().port, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())

    def client(service):
        return boto3.client(service, endpoint_url=endpoint, **LOGIN)

    dynamodb = client("dynamodb")
    table = deploy(client)
    template = cfn_yaml.load(str(TEMPLATE))
    declared = template["Resources"]["Table"]["Properties"]
    complete(dynamodb, table, declared)
    print(f"ready {endpoint} {table}", flush=True)
    print(json.dumps(describe(dynamodb, table) | {"Declared": declared, "Settings": settings(template)}, default=str), flush=True)
    while os.read(0, 4096):
        pass
    server.stop()


main()
