import TheriacModels

extension LoRASettings {
    /// Rank 16 on all linear layers: a small model has little room in its attention alone.
    static var ofEveryLayer: LoRASettings {
        var settings = LoRASettings()
        settings.rank = 16
        settings.alpha = 32
        settings.targets = [allLinear]
        return settings
    }
}
