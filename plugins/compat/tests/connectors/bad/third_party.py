import kafka_admin_pro
from good import GoodSource


class Bad(GoodSource):
    admin = kafka_admin_pro.Admin
