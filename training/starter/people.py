"""The demo's officials: the accounts of the README and some two hundred plausible people over the communes.

Called by load_demo. Seeded, so that every demo has the same people; nobody in it is real.
"""

import random
from datetime import date

from django.contrib.auth.hashers import make_password

from training.officials.models import Category, Grant, Official, Posting, Role, Unit

SEED = 2026
#: (staff number, name, sex, unit code, category, position)
NAMED = [
    ("CB-0001", "Lò Thị Hương", "f", "03595-VHXH", Category.CIVIL_SERVANT, "Công chức Phòng Văn hóa – Xã hội"),
    (
        "CB-0002",
        "Giàng A Páo",
        "m",
        "03595-HCC",
        Category.CIVIL_SERVANT,
        "Công chức Trung tâm Phục vụ hành chính công",
    ),
    ("CB-0101", "Vàng Thị Mỷ", "f", "03637-VP", Category.CIVIL_SERVANT, "Văn thư"),
    ("GV-0001", "Nguyễn Thị Thu Hà", "f", "12-SKHCN", Category.CIVIL_SERVANT, "Chuyên viên, giảng viên kiêm chức"),
    ("TC-0001", "Hoàng Văn Đức", "m", "03595", Category.CIVIL_SERVANT, "Phụ trách tổ chức – nhân sự"),
    ("TC-0000", "Lường Thị Ánh", "f", "12-SNV", Category.CIVIL_SERVANT, "Trưởng phòng Công chức, viên chức"),
]
_THAI = ["Lò", "Lường", "Quàng", "Cà", "Tòng", "Hoàng", "Đèo", "Vì", "Điêu"]
_HMONG = ["Giàng", "Sùng", "Thào", "Vàng", "Mùa", "Hạng", "Cứ", "Vừ", "Lầu"]
_DAO = ["Phàn", "Tẩn", "Chảo", "Lý", "Phùng", "Lù"]
_HANI = ["Pờ", "Ly", "Chang", "Lỳ", "Sừng", "Khoàng"]
_KINH = ["Nguyễn", "Trần", "Phạm", "Lê", "Đỗ", "Bùi", "Đặng", "Vũ"]
_WOMEN = [
    "Hương",
    "Mỷ",
    "Dung",
    "Đào",
    "Ánh",
    "Hạnh",
    "Xuân",
    "Mai",
    "Lan",
    "Hoa",
    "Thảo",
    "Ngân",
    "Yến",
    "Phượng",
    "Chia",
    "Mẩy",
    "Dợ",
    "Sinh",
    "Pằng",
    "Thu",
]
_MEN = [
    "Páo",
    "Sử",
    "Tủa",
    "Chung",
    "Thắng",
    "Đức",
    "Nghĩa",
    "Sơn",
    "Khương",
    "Ín",
    "Chu",
    "Dũng",
    "Hải",
    "Minh",
    "Tuấn",
    "Lử",
    "Sáng",
    "Phong",
    "Cường",
    "Vinh",
]
_POSITIONS = {
    Category.CADRE: ["Chủ tịch", "Phó Chủ tịch", "Chủ tịch Ủy ban Mặt trận Tổ quốc", "Phó Bí thư"],
    Category.CIVIL_SERVANT: [
        "Công chức địa chính",
        "Công chức tư pháp – hộ tịch",
        "Kế toán",
        "Văn thư",
        "Chuyên viên",
    ],
    Category.PUBLIC_EMPLOYEE: ["Viên chức sự nghiệp văn hóa", "Viên chức khuyến nông"],
    Category.CONTRACT: ["Nhân viên hợp đồng"],
    Category.PART_TIME: ["Trưởng bản", "Bí thư chi bộ bản"],
}
_WEIGHTS = [2, 10, 4, 2, 3]


def _name(chance: random.Random) -> tuple[str, str]:
    people = chance.choice(["thai", "thai", "hmong", "dao", "hani", "kinh"])
    sex = chance.choice("fm")
    given = chance.choice(_WOMEN if sex == "f" else _MEN)
    if people == "hmong":
        return f"{chance.choice(_HMONG)} {'Thị' if sex == 'f' else 'A'} {given}", sex
    if people == "dao":
        return f"{chance.choice(_DAO)} {chance.choice(['Thị ', '']) if sex == 'f' else 'A '}{given}", sex
    family = chance.choice({"thai": _THAI, "hani": _HANI, "kinh": _KINH}[people])
    middle = chance.choice(["Thị", "Thị Thu", "Thị Minh"] if sex == "f" else ["Văn", "Văn", "Đức", "Minh"])
    return f"{family} {middle} {given}", sex


def load_people(password: str) -> list[Official]:
    """The named accounts and about 200 others, with postings and grants. Loading again changes nothing."""
    chance = random.Random(SEED)
    units = {unit.code: unit for unit in Unit.objects.all()}
    hashed = make_password(password)
    rows = [(*row, "main") for row in NAMED]
    communes = sorted(code for code, unit in units.items() if unit.kind in ("commune", "ward"))
    number = 102
    for commune in communes:
        sections = sorted(code for code in units if code.startswith(f"{commune}-"))
        for _ in range(14 if commune == "03595" else 5):
            name, sex = _name(chance)
            category = chance.choices(list(_POSITIONS), _WEIGHTS)[0]
            unit = commune if category == Category.CADRE else chance.choice(sections)
            rows.append((f"CB-{number:04}", name, sex, unit, category, chance.choice(_POSITIONS[category]), "other"))
            number += 1
    officials = []
    for staff_number, name, sex, unit, category, position, _ in rows:
        official, made = Official.objects.get_or_create(
            staff_number=staff_number,
            defaults={
                "full_name": name,
                "sex": sex,
                "password": hashed,
                "email": f"{staff_number.lower()}@laichau.example",
            },
        )
        if made:
            Posting.objects.create(
                official=official,
                unit=units[unit],
                category=category,
                position=position,
                valid_from=date(2025, 7, 1),
            )
        officials.append(official)
    by_number = {official.staff_number: official for official in officials}
    for staff_number, role, unit in [
        ("GV-0001", Role.TRAINER, "12"),
        ("TC-0001", Role.HR, "03595"),
        ("TC-0000", Role.HR, "12"),
    ]:
        Grant.objects.get_or_create(
            official=by_number[staff_number],
            role=role,
            unit=units[unit],
            defaults={"valid_from": date(2025, 7, 1)},
        )
    if not Official.objects.filter(staff_number="ADMIN").exists():
        Official.objects.create_superuser("ADMIN", password, full_name="Quản trị hệ thống")
    return officials
