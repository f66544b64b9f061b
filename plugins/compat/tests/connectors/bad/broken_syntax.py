from good import GoodSource

class Bad(GoodSource)
    pass
