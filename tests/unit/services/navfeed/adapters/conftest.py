import os
from pathlib import Path

import pytest
from lxml import etree

ROOT = Path(__file__).parents[5]


@pytest.fixture(scope="session")
def datex2_data() -> Path:
    folder = ROOT / os.environ.get("LEITBAKE_TESTDATA", "../shared/data") / "datex2"
    if not folder.is_dir():
        pytest.skip("the test data with the DATEX II schemas is not there (LEITBAKE_TESTDATA)")
    return folder


@pytest.fixture(scope="session")
def payload_schema(datex2_data: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(datex2_data / "xsd-3.7" / "DATEXII_3_D2Payload.xsd"))


@pytest.fixture(scope="session")
def container_schema(datex2_data: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(datex2_data / "xsd-3.7" / "DATEXII_3_MessageContainer.xsd"))
